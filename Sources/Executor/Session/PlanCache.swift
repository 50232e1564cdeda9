/// The plans of a session that were used last: of requests with ever new shapes, old plans go with the memory that they
/// keep.
struct PlanCache {
  private let limit: Int
  private var plans: [Request: Plan] = [:]
  /// The number of the last use of any plan.
  private var use = 0

  /// Returns a cache of up to `limit` plans, at least two: a plan that is run stays while one is made that it needs.
  init(limit: Int) {
    self.limit = max(2, limit)
  }

  /// The number of plans.
  var count: Int { plans.count }

  /// Returns the plan of a request, which counts as used now; nil if there is none.
  mutating func plan(for request: Request) -> Plan? {
    guard let plan = plans[request] else { return nil }
    use += 1
    plan.lastUse = use
    return plan
  }

  /// Adds a plan; returns the one that had to go.
  mutating func add(_ plan: Plan, for request: Request) -> Plan? {
    use += 1
    plan.lastUse = use
    plans[request] = plan
    guard plans.count > limit, let oldest = plans.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
    return plans.removeValue(forKey: oldest.key)
  }
}
