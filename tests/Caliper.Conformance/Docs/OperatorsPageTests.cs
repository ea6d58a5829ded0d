using Caliper.Benchmarks;

namespace Caliper.Conformance.Docs;

/// <summary>docs/8-operators.md.</summary>
public class OperatorsPageTests
{
    [Fact]
    public void The_page_is_what_the_command_writes()
    {
        using var written = new StringWriter();
        OperatorPage.Print(written);
        Assert.Equal(written.ToString(), File.ReadAllText(RepositoryFolder.Path("docs", "8-operators.md")));
    }
}
