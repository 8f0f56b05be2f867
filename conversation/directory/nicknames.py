"""Short forms of Brazilian names, and the names that they stand for."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from conversation.directory.phonetics import sound_of
from conversation.rules.words import fold

_SHORT_FORMS = """
alê: alexandre alessandra alessandro alexandra
beto: roberto alberto gilberto humberto norberto adalberto
bel: isabel isabela
bela: isabela anabela
bia: beatriz bianca
bebel: isabel
binho: robson fabio rubens
bete: elisabete elizabete elisabeth bernadete
beth: elisabete elizabete elisabeth
cacá: carlos camila
cadu: carlos
carol: carolina caroline ana
cida: aparecida
chico: francisco
chica: francisca
cris: cristina cristiane cristiano cristiana christiane
dani: daniel daniela daniele danilo
deia: andreia
dedé: andre
dinho: eduardo ricardo
drica: adriana
dri: adriana adriano
du: eduardo dulce
duda: eduarda eduardo maria
dudu: eduardo
edu: eduardo
fabi: fabiana fabiano fabiola
fê: fernanda fernando felipe
fer: fernanda fernando
filó: filomena
fred: frederico
gabi: gabriela gabriel gabriele
gi: gisele giovana giovanna gislaine
gina: regina georgina
gegê: geraldo
gil: gilberto gilson gilmar
gui: guilherme
guga: gustavo augusto
guto: gustavo augusto
helô: heloisa
isa: isabela isabel isadora
jô: joana josiane joice
joca: joao joaquim
juca: jose joaquim
ju: juliana julia juliano jussara
juju: juliana julia
juninho: junior
leo: leonardo leandro leonor
lelê: leticia leandro
lena: helena madalena marilena
lia: eliana julia
lili: liliana liliane elisangela
liz: elisa elisabete
lu: luciana lucia luiz luiza lucas luana luisa ludmila
lula: luiz luis
malu: maria
manu: manuela manoela emanuel emanuela
manel: manoel manuel
maneco: manoel manuel
mari: mariana marina marilia maria mariane
mica: michele
mimi: miriam
nando: fernando orlando ronaldo
nanda: fernanda
naná: mariana
neco: manoel manuel
nena: helena
nina: marina carolina
nico: nicolas
neide: lucineide rosineide valdineide
pati: patricia
paty: patricia
pri: priscila
quim: joaquim
quico: francisco
rafa: rafael rafaela
raí: raimundo
re: renata renato
rô: rosana rosangela rodrigo roberta
rica: ricardo
rick: ricardo henrique
rike: henrique
rodo: rodolfo
rose: rosemeire rosangela rosana rosilene rosemary
sil: silvia silvana
tati: tatiana tatiane
té: teresa
teca: teresa tereza
tião: sebastiao
tiana: sebastiana
titi: cristina
tonho: antonio
toninho: antonio
tony: antonio
totonho: antonio
tuca: arthur
ueliton: wellington
uóshington: washington
val: valeria valdir valdete
vavá: valdir osvaldo
vini: vinicius
vivi: viviane vivian
vitinho: vitor
xande: alexandre
xico: francisco
zé: jose
zeca: jose
zezé: maria jose
zezinho: jose
zito: jose
zinho: jose luiz
"""


@lru_cache(maxsize=1)
def short_forms() -> Mapping[str, frozenset[str]]:
    """Every short form, unaccented, with the sounds of the names it may stand for."""
    forms: dict[str, frozenset[str]] = {}
    for line in fold(_SHORT_FORMS).strip().splitlines():
        short, names = line.split(":")
        forms[short] = forms.get(short, frozenset()) | set(map(sound_of, names.split()))
    return MappingProxyType(forms)
