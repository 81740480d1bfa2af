#!/bin/sh
# ROS 2 and mobilepose, then whatever the container is to run.
set -e
. /opt/ros/jazzy/setup.sh
. /opt/mobilepose/local_setup.sh
exec "$@"
