"""What escalations are worth: tasks with tests, awkward replies, times, and money."""
