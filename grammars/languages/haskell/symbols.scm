; A function begins with its signature where it has one, else with its first equation.
(declarations (signature name: [(variable) @name (prefix_id (_) @name)]) @definition.function)

(declarations (function name: [(variable) @name (prefix_id (_) @name)]) @definition.function)

(declarations (bind name: (variable) @name) @definition.function)

(declarations (function (infix operator: (operator) @name)) @definition.function)

(declarations (foreign_import signature: (signature name: (variable) @name)) @definition.function)

(class_declarations (signature name: [(variable) @name (prefix_id (_) @name)]) @definition.method)

(class_declarations (signature names: (binding_list name: (variable) @name)) @definition.method)

(instance_declarations (function name: [(variable) @name (prefix_id (_) @name)]) @definition.method)

(instance_declarations (bind name: (variable) @name) @definition.method)

(instance_declarations (function (infix operator: (operator) @name)) @definition.method)

(declarations
  [
    (signature name: [(variable) @_before (prefix_id (_) @_before)])
    (function name: [(variable) @_before (prefix_id (_) @_before)])
  ]
  .
  [
    (function name: [(variable) @name (prefix_id (_) @name)])
    (bind name: (variable) @name)
  ] @continuation
  (#eq? @_before @name))

; A comment or pragma between a signature and its equations
(declarations
  [
    (signature name: [(variable) @_before (prefix_id (_) @_before)])
    (function name: [(variable) @_before (prefix_id (_) @_before)])
  ]
  .
  [(pragma) (comment) (haddock)]
  .
  [
    (function name: [(variable) @name (prefix_id (_) @name)])
    (bind name: (variable) @name)
  ] @continuation
  (#eq? @_before @name))

(instance_declarations
  (function name: [(variable) @_before (prefix_id (_) @_before)])
  .
  (function name: [(variable) @name (prefix_id (_) @name)]) @continuation
  (#eq? @_before @name))

; The signature of an operator names it in parentheses, its equations do not.
(declarations
  [
    (signature name: (prefix_id (operator) @_before))
    (function (infix operator: (operator) @_before))
  ]
  .
  (function (infix operator: (operator) @name)) @continuation
  (#eq? @_before @name))

; Types
(data_type name: [(name) @name (prefix_id (_) @name)]) @definition.enum

(data_type
  name: [(name) @name (prefix_id (_) @name)]
  constructors: (data_constructors . (data_constructor) .)) @definition.struct

(data_type name: [(name) @name (prefix_id (_) @name)] !constructors) @definition.struct

(newtype name: [(name) @name (prefix_id (_) @name)]) @definition.struct

(type_synonym name: [(name) @name (prefix_id (_) @name)]) @definition.type_alias

(type_family name: (name) @name) @definition.type_alias

(data_family name: (name) @name) @definition.type_alias

(class name: [(name) @name (prefix_id (_) @name)]) @definition.interface

(instance name: (_) @name) @scope

; What an instance holds lies in the class and the type.
(instance
  name: (_) @container
  patterns: (type_patterns . [
    (name) @name
    (parens (apply constructor: (name) @name))
    (parens (apply constructor: (apply constructor: (name) @name)))
  ])) @scope

; Constructors and fields
(data_constructor constructor: (prefix name: (constructor) @name)) @definition.constructor

(data_constructor constructor: (record name: (constructor) @name)) @definition.constructor

(data_constructor constructor: (infix operator: (constructor_operator) @name)) @definition.constructor

(newtype_constructor name: (constructor) @name) @definition.constructor

(gadt_constructor name: (constructor) @name) @definition.constructor

(pattern_synonym (signature synonym: (constructor) @name)) @definition.constructor

(field name: (field_name (variable) @name)) @definition.field
