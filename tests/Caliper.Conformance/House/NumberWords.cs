using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Caliper.Conformance.House;

/// <summary>Numbers that would be written as the reader's machine writes them: with a decimal comma here and a point there.</summary>
internal static partial class NumberWords
{
    private static readonly CSharpParseOptions Newest = new(LanguageVersion.Preview);

    /// <summary>Who says how the numbers of a text that it is given are written: always the same.</summary>
    private static readonly string[] Speakers = ["Create", "Invariant", "Text", "Add", "Append"];

    /// <summary>Lines with a formatted number in a text that is nobody's argument: within another text, a choice among texts is made before the
    /// outer one is asked how to write.</summary>
    public static IEnumerable<int> Unspoken(string path) => CSharpSyntaxTree.ParseText(File.ReadAllText(path), Newest).GetRoot().DescendantNodes()
        .OfType<InterpolationFormatClauseSyntax>().Where(f => Number().IsMatch(f.FormatStringToken.Text))
        .Where(f => !IsSpoken(f.Ancestors().OfType<InterpolatedStringExpressionSyntax>().First()))
        .Select(f => f.GetLocation().GetLineSpan().StartLinePosition.Line + 1);

    private static bool IsSpoken(ExpressionSyntax text)
    {
        var node = text.Parent;
        while (node is ParenthesizedExpressionSyntax || node.IsKind(SyntaxKind.AddExpression)) node = node?.Parent;
        return node is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax call } && Speakers.Contains(NameOf(call.Expression));
    }

    private static string NameOf(ExpressionSyntax called) =>
        called is MemberAccessExpressionSyntax member ? member.Name.Identifier.Text : called.ToString();

    /// <summary>A standard format with its digits, or a picture of digits; of <c>X</c> and <c>D</c> there is one way to write it.</summary>
    [GeneratedRegex(@"^([NFPEG]\d+|[0#.,+;-]+)$")]
    private static partial Regex Number();
}
