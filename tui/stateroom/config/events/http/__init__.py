"""Compile `httpApi` and `websocket` events: API Gateway v2."""
