"""The commands, by what they are about; `nextnest.cli` joins them."""
