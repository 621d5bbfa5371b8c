"""Plan and run operations across a project's services, each through its own deployer."""
