"""A long run of the pose node in which everything happens that happens to a robot."""
