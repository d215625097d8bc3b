"""A score learnt from what was known beforehand, where a log has none or a useless one."""
