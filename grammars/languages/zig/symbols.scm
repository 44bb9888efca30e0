(function_declaration name: (identifier) @name) @definition.function

; What a function returning a type puts into that type
(return_expression
  (struct_declaration (function_declaration name: (identifier) @name) @definition.method))

; Constants and variables of a file or container
(source_file (variable_declaration "const" . (identifier) @name) @definition.constant)

(source_file (variable_declaration "var" . (identifier) @name) @definition.variable)

(struct_declaration (variable_declaration "const" . (identifier) @name) @definition.constant)

(struct_declaration (variable_declaration "var" . (identifier) @name) @definition.variable)

(enum_declaration (variable_declaration "const" . (identifier) @name) @definition.constant)

(union_declaration (variable_declaration "const" . (identifier) @name) @definition.constant)

(opaque_declaration (variable_declaration "const" . (identifier) @name) @definition.constant)

; A type is a constant with a container as its value, wherever it stands.
(variable_declaration "const" . (identifier) @name (struct_declaration)) @definition.struct

(variable_declaration "const" . (identifier) @name (union_declaration)) @definition.struct

(variable_declaration "const" . (identifier) @name (opaque_declaration)) @definition.struct

(variable_declaration "const" . (identifier) @name (enum_declaration)) @definition.enum

(variable_declaration "const" . (identifier) @name (error_set_declaration)) @definition.enum

; Imports, and names taken from a module unchanged, define nothing.
(variable_declaration
  "const"
  .
  (identifier) @name
  (builtin_function (builtin_identifier) @_builtin)
  (#any-of? @_builtin "@import" "@This" "@cImport")) @ignore

(variable_declaration
  "const"
  .
  (identifier) @name
  (field_expression
    object: (builtin_function (builtin_identifier) @_builtin))
  (#eq? @_builtin "@import")) @ignore

(variable_declaration
  .
  "const"
  .
  (identifier) @name
  (field_expression member: (identifier) @_member)
  (#eq? @_member @name)) @ignore

; Members
(struct_declaration (container_field name: (identifier) @name) @definition.field)

(union_declaration (container_field name: (identifier) @name) @definition.field)

(source_file (container_field name: (identifier) @name) @definition.field)

((enum_declaration (container_field name: (identifier) @name) @definition.enum_member)
  (#not-eq? @name "_"))

(variable_declaration (error_set_declaration (identifier) @name @definition.enum_member))

(test_declaration (string . (string_content) @name)) @definition.test

(test_declaration (identifier) @name) @definition.test
