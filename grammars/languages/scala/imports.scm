((import_declaration path: [(_) @import.path "."]+) @import
  (#not-match? @import "[{*]|\\b_$|given|\\bas\\b"))
(import_declaration
  path: [(_) @import.path "."]+
  . (namespace_wildcard) @import.glob) @import
(import_declaration
  path: [(_) @import.path "."]+
  (namespace_selectors (identifier) @import.name)) @import
(import_declaration
  path: [(_) @import.path "."]+
  (namespace_selectors (namespace_wildcard) @import.glob)) @import
(import_declaration
  path: [(_) @import.path "."]+
  (namespace_selectors
    (arrow_renamed_identifier name: (_) @import.name alias: (identifier) @import.alias))) @import
(import_declaration
  path: [(_) @import.path "."]+
  (namespace_selectors
    (as_renamed_identifier name: (_) @import.name alias: (identifier) @import.alias))) @import
(import_declaration
  path: [(_) @import.path "."]+
  (as_renamed_identifier name: (_) @import.name alias: (identifier) @import.alias)) @import
