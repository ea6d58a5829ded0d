using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Caliper.Conformance.House;

/// <summary>How long the methods of a file are, as the compiler reads it: from the first line of the signature to the last brace, without what is
/// written above it.</summary>
internal static class MethodLength
{
    private static readonly CSharpParseOptions Newest = new(LanguageVersion.Preview);

    /// <summary>Methods, constructors, operators and accessors; what stands in a method belongs to it. In a program without a class each function
    /// is a method, and the statements around them are a page to be read from top to bottom, as long as a file may be.</summary>
    public static IEnumerable<(string Name, int Lines)> Of(string path)
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(path), Newest);
        // What cannot be read cannot be measured.
        Assert.DoesNotContain(tree.GetDiagnostics(), d => d.Severity is DiagnosticSeverity.Error);
        foreach (var node in tree.GetRoot().DescendantNodes())
            if (NameOf(node) is { } name) yield return (name, Lines(FirstToken(node), node));
    }

    private static string? NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        BaseMethodDeclarationSyntax => node.Kind().ToString(),
        AccessorDeclarationSyntax accessor => $"{(accessor.Parent?.Parent as PropertyDeclarationSyntax)?.Identifier.Text}.{accessor.Keyword.Text}",
        LocalFunctionStatementSyntax { Parent: GlobalStatementSyntax } function => function.Identifier.Text,
        PropertyDeclarationSyntax { ExpressionBody: not null } property => property.Identifier.Text,
        _ => null,
    };

    /// <summary>The first word after the attributes.</summary>
    private static SyntaxToken FirstToken(SyntaxNode node) =>
        node is MemberDeclarationSyntax { AttributeLists: [.., var last] } ? last.GetLastToken().GetNextToken() : node.GetFirstToken();

    private static int Lines(SyntaxToken first, SyntaxNode end)
    {
        var (start, stop) = (first.GetLocation().GetLineSpan().StartLinePosition, end.GetLocation().GetLineSpan().EndLinePosition);
        return stop.Line - start.Line + 1;
    }
}
