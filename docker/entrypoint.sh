#!/bin/bash
# ROS 2 where it is installed, mobilepose where it is set up, then the command that follows.
set -e
root=$(dirname "${BASH_SOURCE[0]}")/..
for setup in "/opt/ros/${ROS_DISTRO:-jazzy}/setup.bash" "$root/.venv/bin/activate"; do
    # shellcheck disable=SC1090  # both are made elsewhere
    if [ -f "$setup" ]; then . "$setup"; fi
done
exec "$@"
