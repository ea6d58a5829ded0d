using System.Reflection;
using System.Runtime.CompilerServices;
using Caliper.Conformance.Docs;

namespace Caliper.Conformance.House;

/// <summary>What the libraries promise: every public name stands in a list that a person has approved.</summary>
public class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("Caliper.Runtime")]
    [InlineData("Caliper.Hosting")]
    [InlineData("Caliper")]
    [InlineData("Caliper.Torch")]
    [InlineData("Caliper.Imaging")]
    [InlineData("Caliper.Text")]
    public void What_is_public_is_in_the_approved_list(string assembly)
    {
        var approved = RepositoryFolder.Path("tests", "Caliper.Conformance", "House", "PublicApi", $"{assembly}.txt");
        var received = Path.Combine(AppContext.BaseDirectory, $"{assembly}.PublicApi.txt");
        var names = Describe(System.Reflection.Assembly.Load(assembly)).ToArray();
        File.WriteAllText(received, string.Join('\n', names) + "\n");
        var known = File.Exists(approved) ? File.ReadAllLines(approved) : [];
        Assert.True(names.SequenceEqual(known), $"""
            The public names of {assembly} have changed.
            New: {string.Join("; ", names.Except(known).Take(20))}
            Gone: {string.Join("; ", known.Except(names).Take(20))}
            Where that is meant, copy '{received}' over '{approved}'.
            """);
    }

    [Fact]
    public void A_newcomer_meets_few_types()
    {
        var met = new[] { "Caliper.Runtime", "Caliper" }.SelectMany(a => System.Reflection.Assembly.Load(a).GetExportedTypes())
            .Where(t => t.Namespace == "Caliper" && !t.IsNested);
        Assert.InRange(met.Count(), 1, 15);
    }

    private static IEnumerable<string> Describe(System.Reflection.Assembly assembly) => assembly.GetExportedTypes()
        .OrderBy(t => t.FullName, StringComparer.Ordinal)
        .SelectMany(t => t.GetMembers(Declared).Where(IsPromised).Select(m => $"{t.FullName}: {m}").Order(StringComparer.Ordinal)
            .Prepend(t.FullName!));

    private static bool IsPromised(MemberInfo member) => member switch
    {
        MethodInfo method => !method.IsSpecialName && IsSeen(method) && !method.IsDefined(typeof(CompilerGeneratedAttribute)),
        ConstructorInfo constructor => IsSeen(constructor),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsSeen) && property.Name != "EqualityContract",
        FieldInfo field => field.IsPublic || field.IsFamily,
        EventInfo => true,
        _ => false,
    };

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
