namespace Caliper.Graphs;

/// <summary>The error of an input that nobody fed, with the names that were: mostly one is misspelled.</summary>
internal static class MissingInput
{
    /// <summary>The error.</summary>
    /// <param name="name">The input.</param>
    /// <param name="fed">What was fed.</param>
    public static CaliperException Error(string name, IReadOnlyDictionary<string, Tensor> fed) => new($"The model's input '{name}' was not fed"
        + (fed.Count == 0 ? "." : $"; fed were {string.Join(", ", fed.Keys.Select(k => $"'{VisibleText.Of(k)}'"))}."));
}
