((variable_declaration
  (assignment_statement
    (variable_list . name: (identifier) @import.alias)
    (expression_list
      .
      value: (function_call
        name: (identifier) @_require
        arguments: (arguments . (string content: (string_content) @import.path)))))) @import
  (#eq? @_require "require"))

((variable_declaration
  (assignment_statement
    (variable_list . name: (identifier) @import.alias)
    (expression_list
      .
      value: (dot_index_expression
        table: (function_call
          name: (identifier) @_require
          arguments: (arguments . (string content: (string_content) @import.path)))
        field: (identifier) @import.name)))) @import
  (#eq? @_require "require"))

(chunk
  ((function_call
    name: (identifier) @_require
    arguments: (arguments . (string content: (string_content) @import.path))) @import
    (#eq? @_require "require")))
