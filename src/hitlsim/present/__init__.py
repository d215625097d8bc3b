"""What people look at: figures, tables, reports. The only room that knows matplotlib and HTML."""
