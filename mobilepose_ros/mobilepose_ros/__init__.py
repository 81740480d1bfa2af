"""ROS 2 nodes of mobilepose."""
