; `function f`, `function M.f`, `function M:f`
(function_declaration name: (identifier) @name) @definition.function

(function_declaration
  name: (dot_index_expression table: (_) @container field: (identifier) @name)) @definition.function

(function_declaration
  name: (method_index_expression table: (_) @container method: (identifier) @name)) @definition.method

; `f = function`, `M.f = function`
((assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition))) @definition.function)

((assignment_statement
  (variable_list . name: (dot_index_expression table: (_) @container field: (identifier) @name))
  (expression_list . value: (function_definition))) @definition.function
  (#not-eq? @container "self"))

; What the file itself declares; imports are none of it.
(chunk
  (variable_declaration
    (assignment_statement (variable_list name: (identifier) @name))) @definition.variable)

(chunk
  (variable_declaration (variable_list name: (identifier) @name)) @definition.variable)

(chunk
  (assignment_statement (variable_list name: (identifier) @name)) @definition.variable)

(chunk
  (assignment_statement
    (variable_list . name: (dot_index_expression table: (_) @container field: (identifier) @name)))
  @definition.field)

(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list . value: (function_definition)))) @definition.function)

(chunk
  (assignment_statement
    (variable_list . name: (identifier) @name)
    (expression_list . value: (function_definition))) @definition.function)

(chunk
  (assignment_statement
    (variable_list . name: (dot_index_expression table: (_) @container field: (identifier) @name))
    (expression_list . value: (function_definition))) @definition.function)

(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list . value: (function_call name: (identifier) @_require))))
  (#eq? @_require "require")) @ignore

(chunk
  (variable_declaration
    (assignment_statement
      (variable_list . name: (identifier) @name)
      (expression_list
        .
        value: (dot_index_expression table: (function_call name: (identifier) @_require)))))
  (#eq? @_require "require")) @ignore

; Functions in a table of the file
(chunk
  (variable_declaration
    (assignment_statement
      (expression_list
        value: (table_constructor
          (field name: (identifier) @name value: (function_definition)) @definition.function)))))

(chunk
  (assignment_statement
    (expression_list
      value: (table_constructor
        (field name: (identifier) @name value: (function_definition)) @definition.function))))

(chunk
  (return_statement
    (expression_list
      (table_constructor
        (field name: (identifier) @name value: (function_definition)) @definition.function))))
