; `using` brings every name of a namespace, or of a type when static, into scope.
(using_directive
  !name
  [(identifier) (qualified_name)] @import.path) @import @import.glob
(using_directive
  name: (identifier) @import.alias
  (_) @import.path .) @import
