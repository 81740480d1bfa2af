"""Recordings of ROS 2 (rosbag2 in MCAP and SQLite), annotated without ROS."""
