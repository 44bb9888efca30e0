; Types and functions.
(class_definition name: (identifier) @name) @definition.class
(function_definition name: (identifier) @name) @definition.function
(type_alias_statement left: (type (identifier) @name)) @definition.type_alias
(type_alias_statement left: (type (generic_type . (identifier) @name))) @definition.type_alias

(class_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc))) @definition.class
(function_definition
  name: (identifier) @name
  body: (block . (expression_statement . (string) @doc))) @definition.function

(class_definition
  body: (block
    (function_definition name: (identifier) @name) @definition.constructor)
  (#any-of? @name "__init__" "__new__"))
(class_definition
  body: (block
    (function_definition
      name: (identifier) @name
      body: (block . (expression_statement . (string) @doc))) @definition.constructor)
  (#any-of? @name "__init__" "__new__"))

(decorated_definition
  (decorator [
    (identifier) @_decorator
    (attribute attribute: (identifier) @_decorator)
  ])
  definition: (function_definition name: (identifier) @name) @definition.property
  (#any-of? @_decorator "property" "cached_property" "setter" "deleter" "getter"))
(decorated_definition
  (decorator [
    (identifier) @_decorator
    (attribute attribute: (identifier) @_decorator)
  ])
  definition: (function_definition
    name: (identifier) @name
    body: (block . (expression_statement . (string) @doc))) @definition.property
  (#any-of? @_decorator "property" "cached_property" "setter" "deleter" "getter"))

; Module level names: upper case is a constant. Names that are set in a branch of the module
; (`if TYPE_CHECKING`, `try: import`) count as well.
(module (expression_statement
  (assignment left: (identifier) @name) @definition.variable))
(module (expression_statement
  (assignment left: (pattern_list (identifier) @name)) @definition.variable))
(module (expression_statement
  (assignment left: (identifier) @name right: (assignment)) @definition.variable))
(module (expression_statement
  (assignment left: (identifier) @name) @definition.constant
  (#match? @name "^_*[A-Z][A-Z0-9_]*$")))
(module (expression_statement
  (assignment left: (pattern_list (identifier) @name)) @definition.constant
  (#match? @name "^_*[A-Z][A-Z0-9_]*$")))
(module [
  (if_statement consequence: (block (expression_statement
    (assignment left: (identifier) @name) @definition.variable)))
  (try_statement body: (block (expression_statement
    (assignment left: (identifier) @name) @definition.variable)))
])
(module [
  (if_statement consequence: (block (expression_statement
    (assignment left: (identifier) @name) @definition.constant)))
  (try_statement body: (block (expression_statement
    (assignment left: (identifier) @name) @definition.constant)))
  ]
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))
(module (expression_statement
  (assignment
    left: (identifier) @name
    type: (type (identifier) @_type)) @definition.type_alias
  (#eq? @_type "TypeAlias")))

; Fields: what a class body assigns or declares, and what its constructor gives to `self`.
(class_definition body: (block (expression_statement
  (assignment left: (identifier) @name) @definition.field)))
(class_definition body: (block (expression_statement
  (assignment left: (pattern_list (identifier) @name)) @definition.field)))
(class_definition body: (block (expression_statement
  (assignment left: (identifier) @name !type) @definition.constant
  (#match? @name "^_*[A-Z][A-Z0-9_]*$"))))
(class_definition
  superclasses: (argument_list [
    (identifier) @_base
    (attribute attribute: (identifier) @_base)
  ])
  body: (block (expression_statement
    (assignment left: (identifier) @name right: (_)) @definition.enum_member))
  (#match? @_base "^(Int|Str|)(Enum|Flag)$|^(ReprEnum|TextChoices|IntegerChoices)$"))
(class_definition body: (block
  (function_definition
    name: (identifier) @_init
    body: (block (expression_statement
      (assignment
        left: (attribute object: (identifier) @_self attribute: (identifier) @name)) @definition.field)))
  (#eq? @_init "__init__")
  (#eq? @_self "self")))
