#!/bin/bash
# Sources ROS 2 and mobilepose if they are installed, then runs the given command.
set -e
root=$(dirname "${BASH_SOURCE[0]}")/..
for setup in "/opt/ros/${ROS_DISTRO:-jazzy}/setup.bash" "$root/.venv/bin/activate"; do
    # shellcheck disable=SC1090  # both exist only in the image
    if [ -f "$setup" ]; then . "$setup"; fi
done
exec "$@"
