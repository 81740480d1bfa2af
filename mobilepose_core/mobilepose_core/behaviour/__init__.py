"""What people do: where they are and how they move, and which way they face, without ROS."""
