(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.function
(macro_definition name: (identifier) @name) @definition.macro
(mod_item name: (identifier) @name) @definition.module

(struct_item name: (type_identifier) @name) @definition.struct
(union_item name: (type_identifier) @name) @definition.struct
(enum_item name: (type_identifier) @name) @definition.enum
(enum_variant name: (identifier) @name) @definition.enum_member
(field_declaration name: (field_identifier) @name) @definition.field
(trait_item name: (type_identifier) @name) @definition.trait
(type_item name: (type_identifier) @name) @definition.type_alias
(associated_type name: (type_identifier) @name) @definition.type_alias

(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.constant
(static_item (mutable_specifier) name: (identifier) @name) @definition.variable

; What an `impl` holds belongs to its type, whichever trait it is for.
(impl_item type: [
  (type_identifier) @name
  (primitive_type) @name
  (scoped_type_identifier) @name
  (generic_type type: [(type_identifier) (scoped_type_identifier)] @name)
  (reference_type type: [
    (type_identifier) @name
    (primitive_type) @name
    (scoped_type_identifier) @name
    (generic_type type: [(type_identifier) (scoped_type_identifier)] @name)
    (dynamic_type trait: (type_identifier) @name)
  ])
  (dynamic_type trait: (type_identifier) @name)
  (array_type element: (type_identifier) @name)
  (tuple_type) @name
]) @scope
