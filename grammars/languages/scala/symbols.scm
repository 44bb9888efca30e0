(class_definition name: (identifier) @name) @definition.class
(object_definition name: (identifier) @name) @definition.class
(trait_definition name: (identifier) @name) @definition.trait
(enum_definition name: (identifier) @name) @definition.enum
(simple_enum_case name: (identifier) @name) @definition.enum_member
(full_enum_case name: (identifier) @name) @definition.enum_member
(type_definition name: (type_identifier) @name) @definition.type_alias
(package_object name: (identifier) @name) @definition.module
(package_clause
  name: (package_identifier) @name
  body: (template_body)) @definition.module

(function_definition name: (_) @name) @definition.function
(function_declaration name: (_) @name) @definition.function
(function_definition
  name: (identifier) @name
  (#eq? @name "this")) @definition.constructor

; A given with members is an object; one that is a value is a constant.
(given_definition name: (identifier) @name) @definition.constant
(given_definition
  name: (identifier) @name
  body: (with_template_body)) @definition.class
(extension_definition
  parameters: (parameters
    . (parameter type: [
      (type_identifier) @name
      (generic_type type: (type_identifier) @name)
    ]))) @scope

; Members of types and values of a file. Locals are left out.
(template_body (val_definition pattern: (identifier) @name) @definition.field)
(template_body (var_definition pattern: (identifier) @name) @definition.field)
(template_body (val_declaration name: (identifier) @name) @definition.field)
(template_body (var_declaration name: (identifier) @name) @definition.field)
(with_template_body (val_definition pattern: (identifier) @name) @definition.field)
(enum_body (val_definition pattern: (identifier) @name) @definition.field)
(compilation_unit (val_definition pattern: (identifier) @name) @definition.constant)
(compilation_unit (var_definition pattern: (identifier) @name) @definition.variable)
(class_parameter ["val" "var"] . name: (identifier) @name) @definition.field
(class_definition
  "case"
  class_parameters: (class_parameters
    (class_parameter name: (identifier) @name) @definition.field))

; Tests named by a string: `test("…") { }`, `"…" in { }`, `it should "…" in { }`.
(call_expression
  function: (call_expression
    function: (identifier) @_runner
    arguments: (arguments . (string) @name))
  arguments: [(block) (case_block)]
  (#any-of? @_runner "test" "it" "describe" "feature" "scenario" "property" "testAsync")) @definition.test
(infix_expression
  left: (string) @name
  operator: (identifier) @_in
  right: (block)
  (#any-of? @_in "in" "should" "when" "must" ">>" "can")) @definition.test
(infix_expression
  left: (infix_expression right: (string) @name)
  operator: (identifier) @_in
  (#eq? @_in "in")) @definition.test
