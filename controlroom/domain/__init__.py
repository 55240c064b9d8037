"""Facts and rules of the control room: values and pure functions, no input or output."""
