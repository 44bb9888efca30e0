(import
  (qualified_identifier) @import.path
  [(identifier) @import.alias "*" @import.glob]?) @import
