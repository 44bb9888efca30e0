(import module: (module) @import.path !alias !names) @import

(import module: (module) @import.path alias: (module) @import.alias !names) @import

(import module: (module) @import.path names: (import_list !name)) @import

((import
  module: (module) @import.path
  names: (import_list
    name: (import_name [
      variable: (variable) @import.name
      type: (_) @import.name
      operator: (prefix_id [(operator) (constructor_operator)] @import.name)
    ]))) @import
  (#not-match? @import "\\shiding\\s*\\("))

((import module: (module) @import.path names: (import_list name: (_))) @import
  (#match? @import "\\shiding\\s*\\("))
