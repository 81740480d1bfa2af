#!/bin/sh
# Prints the Debian packages that the ROS packages in a folder need at runtime, from package.xml.
# Without those from PyPI, those that set-up installs, and RViz, which needs a display.
#   list_packages.sh FOLDER
set -eu
keys=$(rosdep keys --from-paths "$1" --ignore-src --dependency-types exec)
keys=$(echo "$keys" | grep -vxE 'rviz2|python3-(skimage|tqdm)')
# shellcheck disable=SC2086  # one key a word
resolved=$(rosdep resolve $keys)
echo "$resolved" | awk '/^#/ { is_apt = /^#apt/; next } is_apt' | tr ' ' '\n' | sort -u
