; Functions. A field_identifier or operator names a member, an identifier a free function.
(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (reference_declarator (function_declarator declarator: (identifier) @name))
    (function_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))
    (reference_declarator (function_declarator declarator: (field_identifier) @name))
    (function_declarator declarator: (operator_name) @name)
    (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
    (reference_declarator (function_declarator declarator: (operator_name) @name))
    (function_declarator declarator: (destructor_name) @name)
  ]) @definition.function

(function_definition
  declarator: (operator_cast type: (_) @name)) @definition.method

; Prototypes, outside function bodies only: there `Type name(args);` is mostly a variable.
(translation_unit
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(declaration_list
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(preproc_ifdef
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(preproc_if
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(preproc_else
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(template_declaration
  (declaration
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
      (reference_declarator (function_declarator declarator: (identifier) @name))
      (function_declarator declarator: (operator_name) @name)
      (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
      (reference_declarator (function_declarator declarator: (operator_name) @name))
    ]) @definition.function)

(field_declaration
  declarator: [
    (function_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))
    (reference_declarator (function_declarator declarator: (field_identifier) @name))
    (function_declarator declarator: (operator_name) @name)
    (pointer_declarator declarator: (function_declarator declarator: (operator_name) @name))
    (reference_declarator (function_declarator declarator: (operator_name) @name))
  ]) @definition.method

(field_declaration_list
  (template_declaration
    (declaration
      declarator: [
        (function_declarator declarator: (identifier) @name)
        (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
        (reference_declarator (function_declarator declarator: (identifier) @name))
      ]) @definition.method))

(field_declaration_list
  (declaration
    declarator: (function_declarator declarator: (destructor_name) @name)) @definition.method)

; A static prototype announces a definition further down in the same file.
(translation_unit
  (declaration
    (storage_class_specifier) @_storage
    declarator: [
      (function_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    ]
    (#eq? @_storage "static")) @ignore)

; Constructors inside their class: no result type.
(field_declaration_list
  (function_definition
    !type
    declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)

(field_declaration_list
  (declaration
    !type
    declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)

(field_declaration_list
  (template_declaration
    (function_definition
      !type
      declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor))

; Members defined outside their class
(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name))
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name)))
    (reference_declarator (function_declarator declarator: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name)))
  ]) @definition.method

(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name))
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name)))
    (reference_declarator (function_declarator declarator: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name)))
  ]) @definition.method

(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name)))
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name))))
    (reference_declarator (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (namespace_identifier) @container name: [(identifier) (destructor_name) (operator_name)] @name))))
  ]) @definition.method

(function_definition
  declarator: [
    (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name)))
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name))))
    (reference_declarator (function_declarator declarator: (qualified_identifier name: (qualified_identifier scope: (template_type name: (type_identifier) @container) name: [(identifier) (destructor_name) (operator_name)] @name))))
  ]) @definition.method

(function_definition
  declarator: (qualified_identifier
    scope: (namespace_identifier) @container
    name: (operator_cast type: (_) @name))) @definition.method

(function_definition
  !type
  declarator: (function_declarator
    declarator: (qualified_identifier
      scope: (namespace_identifier) @container
      name: (identifier) @name))
  (#eq? @container @name)) @definition.constructor

(function_definition
  !type
  declarator: (function_declarator
    declarator: (qualified_identifier
      scope: (template_type name: (type_identifier) @container)
      name: (identifier) @name))
  (#eq? @container @name)) @definition.constructor

; Test macros look like functions without a result; the second argument names the case.
(function_definition
  !type
  declarator: (function_declarator
    declarator: (identifier) @name
    parameters: (parameter_list . (parameter_declaration type: (type_identifier) !declarator)))
  (#any-of? @name "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TYPED_TEST_P" "TEST_CASE")) @ignore

(function_definition
  !type
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list
      .
      (parameter_declaration type: (type_identifier) @container !declarator)
      .
      (parameter_declaration type: (type_identifier) @name !declarator)))
  (#any-of? @_macro "TEST" "TEST_F" "TEST_P" "TYPED_TEST" "TYPED_TEST_P")) @definition.test

; Namespaces and types
(namespace_definition name: [(namespace_identifier) (nested_namespace_specifier)] @name) @definition.module

(namespace_alias_definition name: (namespace_identifier) @name) @definition.module

(class_specifier
  name: [(type_identifier) @name (template_type name: (type_identifier) @name)]
  body: (_)) @definition.class

(struct_specifier
  name: [(type_identifier) @name (template_type name: (type_identifier) @name)]
  body: (_)) @definition.struct

(union_specifier name: (type_identifier) @name body: (_)) @definition.struct

; `class EXPORT Name {…}` reads as a function: the macro takes the place of the class's name.
(function_definition
  type: (class_specifier !body)
  declarator: (identifier) @name) @definition.class

(function_definition
  type: (struct_specifier !body)
  declarator: (identifier) @name) @definition.struct

(function_definition
  type: [(class_specifier !body) (struct_specifier !body)]
  body: (compound_statement
    (declaration
      declarator: [
        (function_declarator declarator: (identifier) @name)
        (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
        (reference_declarator (function_declarator declarator: (identifier) @name))
        (init_declarator declarator: (function_declarator declarator: (identifier) @name))
        (init_declarator
          declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
      ]) @definition.method))

(function_definition
  type: [(class_specifier !body) (struct_specifier !body)]
  declarator: (identifier) @_class
  body: (compound_statement
    (function_definition
      !type
      declarator: (function_declarator declarator: (identifier) @name)) @definition.constructor)
  (#eq? @_class @name))

(enum_specifier name: (type_identifier) @name body: (_)) @definition.enum

(enumerator name: (identifier) @name) @definition.enum_member

(concept_definition name: (identifier) @name) @definition.interface

(alias_declaration name: (type_identifier) @name) @definition.type_alias

(type_definition
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (type_identifier) @name)
    (function_declarator
      declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))
  ]) @definition.type_alias

(type_definition
  type: (struct_specifier !name body: (_))
  declarator: (type_identifier) @name) @definition.struct

(type_definition
  type: (union_specifier !name body: (_))
  declarator: (type_identifier) @name) @definition.struct

(type_definition
  type: (enum_specifier !name body: (_))
  declarator: (type_identifier) @name) @definition.enum

; A named type defined inside its alias takes the whole declaration, so that its doc comment is
; above it. The alias then lies in it and is declared by its name alone; where both names are the
; same there is only the type.
(type_definition
  type: (struct_specifier name: (type_identifier) @name body: (_))) @definition.struct

(type_definition
  type: (union_specifier name: (type_identifier) @name body: (_))) @definition.struct

(type_definition
  type: (enum_specifier name: (type_identifier) @name body: (_))) @definition.enum

(type_definition
  type: (_ name: (type_identifier) body: (_))
  declarator: (type_identifier) @name @definition.type_alias)

(type_definition
  type: (_ body: (_))
  declarator: (pointer_declarator declarator: (type_identifier) @name) @definition.type_alias)

(type_definition
  type: (_ name: (type_identifier) @_tag body: (_))
  declarator: (type_identifier) @name
  (#eq? @_tag @name)) @ignore

(field_declaration
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
    (reference_declarator (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)
    (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
    (function_declarator
      declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))
  ]) @definition.field

; Variables of a file or namespace
(translation_unit
  (declaration
    declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (init_declarator declarator: (identifier) @name)
      (init_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (init_declarator declarator: (reference_declarator (identifier) @name))
      (init_declarator declarator: (array_declarator declarator: (identifier) @name))
    ]) @definition.variable)

(translation_unit
  (preproc_ifdef
    (declaration
      declarator: [
        (identifier) @name
        (pointer_declarator declarator: (identifier) @name)
        (array_declarator declarator: (identifier) @name)
        (init_declarator declarator: (identifier) @name)
        (init_declarator declarator: (pointer_declarator declarator: (identifier) @name))
        (init_declarator declarator: (reference_declarator (identifier) @name))
        (init_declarator declarator: (array_declarator declarator: (identifier) @name))
      ]) @definition.variable))

(declaration_list
  (declaration
    declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (init_declarator declarator: (identifier) @name)
      (init_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (init_declarator declarator: (reference_declarator (identifier) @name))
      (init_declarator declarator: (array_declarator declarator: (identifier) @name))
    ]) @definition.variable)

(template_declaration
  (declaration declarator: (init_declarator declarator: (identifier) @name)) @definition.variable)

(translation_unit
  (declaration
    (type_qualifier) @_qualifier
    declarator: (init_declarator declarator: (identifier) @name)
    (#any-of? @_qualifier "const" "constexpr")) @definition.constant)

(declaration_list
  (declaration
    (type_qualifier) @_qualifier
    declarator: (init_declarator declarator: (identifier) @name)
    (#any-of? @_qualifier "const" "constexpr")) @definition.constant)

; Where a macro stands before a declaration, the parser takes the macro or a keyword for its name.
(translation_unit
  (declaration declarator: (identifier) @name)
  (#match? @name "^([A-Z][A-Z0-9]*_[A-Z0-9_]+|unsigned|struct|const|void|int|char|long|)$")) @ignore

(translation_unit
  (preproc_ifdef (declaration declarator: (identifier) @name))
  (#match? @name "^([A-Z][A-Z0-9]*_[A-Z0-9_]+|unsigned|struct|const|void|int|char|long|)$")) @ignore

(declaration_list
  (declaration declarator: (identifier) @name)
  (#match? @name "^([A-Z][A-Z0-9]*_[A-Z0-9_]+|unsigned|struct|const|void|int|char|long|)$")) @ignore

(field_declaration_list
  (declaration declarator: (function_declarator declarator: (identifier) @name))
  (#match? @name "^[A-Z][A-Z0-9]*_[A-Z0-9_]+$")) @ignore

(field_declaration
  declarator: [
    (function_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))
  ]
  (#match? @name "^[A-Z][A-Z0-9]*_[A-Z0-9_]+$")) @ignore

(field_declaration_list
  (function_definition
    !type
    declarator: (function_declarator declarator: (identifier) @name))
  (#match? @name "^[A-Z][A-Z0-9]*_[A-Z0-9_]+$")) @ignore

; Macros, without the guard of a header
(preproc_def name: (identifier) @name) @definition.macro

(preproc_function_def name: (identifier) @name) @definition.macro

(preproc_ifdef
  name: (identifier) @_guard
  .
  (preproc_def name: (identifier) @name !value)
  (#eq? @_guard @name)) @ignore
