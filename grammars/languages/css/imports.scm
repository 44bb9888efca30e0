(import_statement . (string_value (string_content) @import.path)) @import

(import_statement . (call_expression (arguments . (plain_value) @import.path))) @import

(import_statement . (call_expression (arguments . (string_value (string_content) @import.path)))) @import
