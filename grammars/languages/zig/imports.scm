((variable_declaration
  (identifier) @import.alias
  (builtin_function
    (builtin_identifier) @_builtin
    (arguments (string (string_content) @import.path)))) @import
  (#eq? @_builtin "@import"))

((variable_declaration
  (identifier) @import.alias
  (field_expression
    object: (builtin_function
      (builtin_identifier) @_builtin
      (arguments (string (string_content) @import.path)))
    member: (identifier) @import.name)) @import
  (#eq? @_builtin "@import"))

((using_namespace_declaration
  (builtin_function
    (builtin_identifier) @_builtin
    (arguments (string (string_content) @import.path)))) @import @import.glob
  (#eq? @_builtin "@import"))

; `const Allocator = std.mem.Allocator;` takes a name from a module that is already imported.
(source_file
  ((variable_declaration
    .
    "const"
    .
    (identifier) @_name
    (field_expression
      object: [(identifier) (field_expression)] @import.path
      member: (identifier) @import.name)) @import
    (#eq? @_name @import.name)))
