"""Ownership in plans: adopt what is this state's, refuse what is somebody else's."""
