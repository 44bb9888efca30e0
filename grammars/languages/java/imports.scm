((import_declaration
  [(scoped_identifier) (identifier)] @import.path . ";") @import
  (#not-match? @import "^import\\s+static"))
(import_declaration
  (scoped_identifier) @import.path
  (asterisk) @import.glob) @import
(import_declaration
  "static"
  (scoped_identifier
    scope: (_) @import.path
    name: (identifier) @import.name) . ";") @import
