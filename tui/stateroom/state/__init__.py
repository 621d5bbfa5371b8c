"""Deployment state: the resource records that operations write, and the homes that store them."""
