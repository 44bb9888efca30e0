; Functions, declared or as named expressions.
(function_declaration name: (identifier) @name) @definition.function
(generator_function_declaration name: (identifier) @name) @definition.function
(function_expression name: (identifier) @name) @definition.function
(class name: (identifier) @name) @definition.class

; Values of a module. Locals of functions are left out.
(program
  (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name) @definition.constant))
(program
  (lexical_declaration kind: "let"
    (variable_declarator name: (identifier) @name) @definition.variable))
(program
  (variable_declaration
    (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement
  declaration: (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name) @definition.constant))
(export_statement
  declaration: (lexical_declaration kind: "let"
    (variable_declarator name: (identifier) @name) @definition.variable))
(export_statement
  declaration: (variable_declaration
    (variable_declarator name: (identifier) @name) @definition.variable))

; What `require` brings in is an import, not a constant.
(variable_declarator
  name: (identifier) @name
  value: (call_expression function: (identifier) @_require)
  (#eq? @_require "require")) @ignore
(variable_declarator
  name: (identifier) @name
  value: (member_expression
    object: (call_expression function: (identifier) @_require))
  (#eq? @_require "require")) @ignore

; A function or class bound to a name takes that name, also inside a function.
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(variable_declarator
  name: (identifier) @name
  value: (class)) @definition.class
(variable_declarator
  value: [
    (function_expression name: (identifier) @name)
    (class name: (identifier) @name)
  ]) @ignore

; `app.use = function use() {}` belongs to `app`.
(assignment_expression
  left: (member_expression
    object: [(identifier) (member_expression)] @container
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]
  (#not-eq? @name "exports")) @definition.method
(assignment_expression
  left: (member_expression
    object: (this)
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.method
(assignment_expression
  left: (member_expression
    object: (member_expression
      object: (identifier) @container
      property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]
  (#eq? @_prototype "prototype")) @definition.method
(assignment_expression
  left: (member_expression
    object: (_) @_exports
    property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]
  (#any-of? @_exports "exports" "module.exports")) @definition.function
(assignment_expression
  left: (identifier) @name
  right: [(arrow_function) (function_expression) (generator_function)]) @definition.function
(assignment_expression
  left: (member_expression property: (property_identifier) @_property)
  right: (function_expression name: (identifier) @name)
  (#not-eq? @_property "exports")) @ignore
(assignment_expression
  left: (identifier)
  right: (function_expression name: (identifier) @name)
  (#not-eq? @name "exports")) @ignore

(assignment_expression
  left: (member_expression
    object: (identifier) @name
    property: (property_identifier) @_prototype)
  right: (object)
  (#eq? @_prototype "prototype")) @scope

; Functions of object literals.
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.method
(pair value: (function_expression name: (identifier) @name)) @ignore

; Classes and their members.
(class_declaration name: (identifier) @name) @definition.class
(method_definition
  name: [(property_identifier) (private_property_identifier)] @name) @definition.method
(method_definition
  ["get" "set" "static get"]
  name: [(property_identifier) (private_property_identifier)] @name) @definition.property
(method_definition
  name: (property_identifier) @name
  (#eq? @name "constructor")) @definition.constructor
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name) @definition.field
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @definition.method

; Tests named by a string: `it('…', fn)`, `it.only('…', fn)`, `t.test('…', fn)`, `it.each(…)('…', fn)`.
(call_expression
  function: (identifier) @_runner
  arguments: (arguments
    . [(string) (template_string)] @name
    [(arrow_function) (function_expression)])
  (#any-of? @_runner "describe" "it" "test" "context" "suite" "specify" "bench")) @definition.test
(call_expression
  function: (member_expression object: (identifier) @_runner)
  arguments: (arguments
    . [(string) (template_string)] @name
    [(arrow_function) (function_expression)])
  (#any-of? @_runner "describe" "it" "test" "context" "suite")) @definition.test
(call_expression
  function: (member_expression
    object: (identifier)
    property: (property_identifier) @_runner)
  arguments: (arguments
    . [(string) (template_string)] @name
    [(arrow_function) (function_expression)])
  (#any-of? @_runner "describe" "it" "test")) @definition.test
(call_expression
  function: (call_expression
    function: (member_expression object: (identifier) @_runner))
  arguments: (arguments
    . [(string) (template_string)] @name
    [(arrow_function) (function_expression)])
  (#any-of? @_runner "describe" "it" "test")) @definition.test
