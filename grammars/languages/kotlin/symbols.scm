(class_declaration "class" name: (identifier) @name) @definition.class
(class_declaration "interface" name: (identifier) @name) @definition.interface
(class_declaration
  (modifiers (class_modifier) @_modifier)
  name: (identifier) @name
  (#eq? @_modifier "enum")) @definition.enum
(enum_entry . (identifier) @name) @definition.enum_member
(object_declaration name: (identifier) @name) @definition.class
(companion_object name: (identifier) @name) @definition.class
(type_alias type: (identifier) @name) @definition.type_alias

(function_declaration name: (identifier) @name) @definition.function
; The receiver of an extension is what it belongs to.
(function_declaration
  (user_type (identifier) @container . (type_arguments)? .)
  . name: (identifier) @name) @definition.method
(function_declaration
  (nullable_type (user_type (identifier) @container . (type_arguments)? .))
  . name: (identifier) @name) @definition.method
(secondary_constructor "constructor" @name) @definition.constructor

; Properties of a type and values of a file. Locals are left out.
(class_body
  (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(enum_class_body
  (property_declaration (variable_declaration . (identifier) @name)) @definition.property)
(class_parameter ["val" "var"] . (identifier) @name) @definition.property
(source_file
  (property_declaration "val" (variable_declaration . (identifier) @name)) @definition.constant)
(source_file
  (property_declaration "var" (variable_declaration . (identifier) @name)) @definition.variable)
(source_file
  (property_declaration (variable_declaration . (identifier) @name) (getter)) @definition.property)
(source_file
  (property_declaration
    (user_type (identifier) @container . (type_arguments)? .)
    (variable_declaration . (identifier) @name)) @definition.property)
(property_declaration
  (modifiers (property_modifier) @_modifier)
  (variable_declaration . (identifier) @name)
  (#eq? @_modifier "const")) @definition.constant
