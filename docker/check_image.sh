#!/bin/sh
# Fails, with the reasons, if an image contains what a running node does not need, or lacks what it
# needs.
set -eu
bad=0
problem() {
    echo "image: $1" >&2
    bad=1
}
for program in cc c++ gcc g++ clang; do
    if place=$(command -v "$program"); then problem "a compiler, $place"; fi
done
if [ "$(id -u)" = 0 ]; then problem "it runs as root"; fi
entrypoint=$(dirname "$0")/entrypoint.sh
if "$entrypoint" python3 -c "import torch" 2> /dev/null; then problem "torch is installed"; fi
"$entrypoint" python3 -c "import mobilepose_ros.pose_node" || problem "the node cannot be imported"
exit "$bad"
