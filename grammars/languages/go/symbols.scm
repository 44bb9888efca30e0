(function_declaration name: (identifier) @name) @definition.function

(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @container
    (generic_type type: (type_identifier) @container)
    (pointer_type [
      (type_identifier) @container
      (generic_type type: (type_identifier) @container)
    ])
  ]))
  name: (field_identifier) @name) @definition.method

; A type: alone it takes the whole declaration, in a block its own line. The later pattern wins.
(type_spec name: (type_identifier) @name) @definition.type_alias
(type_alias name: (type_identifier) @name) @definition.type_alias
(type_declaration .
  [(type_spec name: (type_identifier) @name) (type_alias name: (type_identifier) @name)] .
) @definition.type_alias
(type_spec name: (type_identifier) @name type: (struct_type)) @definition.struct
(type_declaration .
  (type_spec name: (type_identifier) @name type: (struct_type)) .) @definition.struct
(type_spec name: (type_identifier) @name type: (interface_type)) @definition.interface
(type_declaration .
  (type_spec name: (type_identifier) @name type: (interface_type)) .) @definition.interface

(field_declaration name: (field_identifier) @name) @definition.field
(method_elem name: (field_identifier) @name) @definition.method

; Constants and variables of the package; those of functions are no symbols.
(source_file (const_declaration (const_spec name: (identifier) @name) @definition.constant))
(source_file (const_declaration . (const_spec name: (identifier) @name) .) @definition.constant)
(source_file (var_declaration (var_spec_list
  (var_spec name: (identifier) @name) @definition.variable)))
(source_file (var_declaration . (var_spec name: (identifier) @name) .) @definition.variable)
