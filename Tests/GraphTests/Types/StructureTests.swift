import EspalierGraph
import Testing

@Suite struct StructureTests {
  @Test func literalsAreListsAndDictionaries() {
    let list: Structure<Int> = [3, 1, 2]
    let named: Structure<Int> = ["b": 2, "a": 1]
    #expect(list == .list([3, 1, 2]) && list[2] == 2 && list[3] == nil)
    #expect(named == .dictionary(["a": 1, "b": 2]) && named["b"] == 2 && named["c"] == nil)
    #expect(named.leaves == [1, 2], "by name in alphabetical order")
  }
}
