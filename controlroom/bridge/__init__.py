"""The only place where threads meet Qt: batches become signals, commands become coroutines."""
