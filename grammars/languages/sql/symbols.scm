; Tables, views and indexes
(create_table (object_reference name: (_) @name)) @definition.table

(create_table (object_reference schema: (_) @container name: (_) @name)) @definition.table

(create_view . (_) (object_reference name: (_) @name)) @definition.table

(create_materialized_view (object_reference name: (_) @name)) @definition.table

(create_index column: (_) @name) @definition.table

; Columns
(create_table
  (column_definitions (column_definition name: (_) @name) @definition.field))

(create_type
  (column_definitions (column_definition name: (_) @name) @definition.field))

(alter_table
  (object_reference name: (_) @container)
  (add_column (column_definition name: (_) @name) @definition.field))

; Functions, triggers, types and schemas
(create_function (object_reference name: (_) @name)) @definition.function

(create_trigger . (keyword_create) (keyword_trigger) . (object_reference name: (_) @name)) @definition.function

(create_type (object_reference name: (_) @name)) @definition.type_alias

(create_type (object_reference name: (_) @name) (enum_elements)) @definition.enum

(create_schema (identifier) @name) @definition.module
