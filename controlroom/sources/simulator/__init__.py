"""The simulated district: a process of its own that speaks to the hub as any foreign backend would."""
