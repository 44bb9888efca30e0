(import_spec path: (_) @import.path) @import
(import_spec name: [(package_identifier) (blank_identifier)] @import.alias path: (_) @import.path) @import
(import_spec name: (dot) path: (_) @import.path @import.glob) @import
