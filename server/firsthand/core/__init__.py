"""Pure decisions: no clock, no disk, no network, no logging, no settings."""
