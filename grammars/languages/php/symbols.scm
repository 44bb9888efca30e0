(namespace_definition name: (namespace_name) @name body: (_)) @definition.module
; A namespace without braces holds the rest of its file.
(program
  (namespace_definition name: (namespace_name) @name !body)) @scope.module
(class_declaration name: (name) @name) @definition.class
(interface_declaration name: (name) @name) @definition.interface
(trait_declaration name: (name) @name) @definition.trait
(enum_declaration name: (name) @name) @definition.enum
(enum_case name: (name) @name) @definition.enum_member

(function_definition name: (name) @name) @definition.function
(method_declaration name: (name) @name) @definition.method
(method_declaration
  name: (name) @name
  (#eq? @name "__construct")) @definition.constructor

(const_declaration (const_element . (name) @name)) @definition.constant
(property_declaration
  (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.field

(function_call_expression
  function: (name) @_define
  arguments: (arguments . (argument (string) @name))
  (#eq? @_define "define")) @definition.constant

; A closure bound to a variable of the file is named by it.
(program
  (expression_statement
    (assignment_expression
      left: (variable_name (name) @name)
      right: [(anonymous_function) (arrow_function)]) @definition.function))

; Tests named by a string: `it('…', function () {})`.
(function_call_expression
  function: (name) @_runner
  arguments: (arguments
    . (argument [(string) (encapsed_string)] @name)
    (argument [(anonymous_function) (arrow_function)]))
  (#any-of? @_runner "it" "test" "describe")) @definition.test
