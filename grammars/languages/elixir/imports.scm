((call
  target: (identifier) @_directive
  (arguments . (alias) @import.path .)) @import
  (#any-of? @_directive "import" "alias" "use" "require"))

((call
  target: (identifier) @_directive
  (arguments . (alias) @import.path . (keywords . (pair key: (keyword) @_key value: (alias) @import.alias)))) @import
  (#any-of? @_directive "alias" "require")
  (#match? @_key "^as:"))

((call
  target: (identifier) @_directive
  (arguments . (alias) @import.path . (keywords . (pair key: (keyword) @_key)))) @import
  (#any-of? @_directive "import" "alias" "use" "require")
  (#not-match? @_key "^as:"))

((call
  target: (identifier) @_directive
  (arguments . (dot left: (alias) @import.path right: (tuple (alias) @import.name)))) @import
  (#any-of? @_directive "import" "alias" "use" "require"))
