"""What the tests lean on: emulators of the cloud, a proxy that breaks calls, a listing of everything that is there."""
