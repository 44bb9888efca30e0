((command
  name: (command_name (word) @_source)
  .
  argument: (_) @import.path) @import
  (#any-of? @_source "source" "." "load"))
