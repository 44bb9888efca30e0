(preproc_include path: (system_lib_string) @import.path) @import

(preproc_include path: (string_literal (string_content) @import.path)) @import

(using_declaration
  (qualified_identifier
    scope: (_) @import.path
    name: (identifier) @import.name)) @import
