//! The numbers that decide what a pack holds, set by `flux-eval localise` on the first half of its
//! questions.

/// How much things are worth beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct PackParameters {
    /// The value of the hit at rank r is r to the power of minus this.
    pub rank_decay: f32,
    /// What a unit called by another inherits of its value.
    pub callee: f32,
    /// The same of a caller.
    pub caller: f32,
    /// Of a type in the signature.
    pub signature_type: f32,
    /// Of anything else that is mentioned.
    pub mention: f32,
    /// Of a member that overrides or is overridden, a subtype or supertype.
    pub relation: f32,
    /// Of a test that exercises it.
    pub test: f32,
    /// Of what it lies in.
    pub container: f32,
    /// Of another definition in the same file.
    pub sibling: f32,
    /// Of a member of a type that was found.
    pub member: f32,
    /// What an edge that is only likely counts.
    pub likely: f32,
    /// The share of its value that a signature gives alone.
    pub signature_share: f32,
    /// What the whole of something is worth that merely lies in the same file.
    pub sibling_body: f32,
    /// How many times more the first signature of a file is worth than it would be alone: who
    /// knows that a file matters can ask for the rest of it.
    pub first_of_file: f32,
    /// Tokens added to each cost before value is divided by it, so that small is not everything.
    pub base_cost: f32,
    /// The power of the cost that value is divided by.
    pub cost_power: f32,
    /// What a test found by the search counts, unless tests are asked for.
    pub found_test: f32,
    /// What a document or a file of data found by the search counts.
    pub found_document: f32,
}

impl Default for PackParameters {
    fn default() -> Self {
        Self {
            rank_decay: 0.9,
            callee: 0.25,
            caller: 0.2,
            signature_type: 0.2,
            mention: 0.08,
            relation: 0.3,
            test: 0.1,
            container: 0.3,
            sibling: 0.05,
            member: 0.2,
            likely: 0.7,
            signature_share: 0.4,
            sibling_body: 0.3,
            first_of_file: 2.0,
            base_cost: 70.0,
            cost_power: 1.0,
            found_test: 0.4,
            found_document: 0.5,
        }
    }
}

impl PackParameters {
    /// Every number with its name, to be measured with others.
    pub fn numbers(&mut self) -> Vec<(&'static str, &mut f32)> {
        vec![
            ("rank_decay", &mut self.rank_decay),
            ("callee", &mut self.callee),
            ("caller", &mut self.caller),
            ("signature_type", &mut self.signature_type),
            ("mention", &mut self.mention),
            ("relation", &mut self.relation),
            ("test", &mut self.test),
            ("container", &mut self.container),
            ("sibling", &mut self.sibling),
            ("member", &mut self.member),
            ("likely", &mut self.likely),
            ("signature_share", &mut self.signature_share),
            ("sibling_body", &mut self.sibling_body),
            ("first_of_file", &mut self.first_of_file),
            ("base_cost", &mut self.base_cost),
            ("cost_power", &mut self.cost_power),
            ("found_test", &mut self.found_test),
            ("found_document", &mut self.found_document),
        ]
    }
}
